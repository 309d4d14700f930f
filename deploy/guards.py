"""The real guards for the tests of deploy/: nginx, nftables, fail2ban, Suricata, rsyslog and clamd from Debian, where
the tests run as root on it. Without root nothing is installed, and the tests check the files as far as they can.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

PACKAGES = {
    "nginx": "nginx-light",
    "nft": "nftables",
    "fail2ban-server": "fail2ban",
    "suricata": "suricata",
    "rsyslogd": "rsyslog",
    "clamd": "clamav-daemon",
    "ip": "iproute2",
    "openssl": "openssl",
}
# Of rsyslog its TLS, of fail2ban the reading of the journal.
PARTS = {"rsyslog-gnutls": "*/rsyslog/lmnsd_gtls.so", "python3-systemd": "python3/dist-packages/systemd/journal.py"}
SEARCHED = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"


def find(name: str) -> str:
    """Where a tool is; empty when there is none."""
    return shutil.which(name, path=SEARCHED) or ""


def has(package: str) -> bool:
    """Whether one of the `PARTS` that Debian packs apart is there."""
    return any(Path("/usr/lib").glob(PARTS[package]))


def main() -> None:
    missing = [package for name, package in PACKAGES.items() if not find(name)]
    missing += [package for package in PARTS if not has(package)]
    if not missing or os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    subprocess.run(["apt-get", "update", "-qq"], check=True)
    if "suricata" in missing:
        missing.remove("suricata")
        install(["suricata"], sources=backports())
    if missing:
        install(missing)


def backports() -> list[str]:
    """Options by which apt sees Debian 12's backports, where alone it has Suricata, without changing the machine's
    sources."""
    shown = subprocess.run(["apt-cache", "policy", "suricata"], capture_output=True, text=True, check=False).stdout
    if "Candidate: (none)" not in shown and "Candidate:" in shown:
        return []
    told = dict(line.split("=", 1) for line in Path("/etc/os-release").read_text().splitlines() if "=" in line)
    suite = told.get("VERSION_CODENAME", "bookworm").strip('"')
    listed = Path(tempfile.mkdtemp()) / "backports.list"
    listed.write_text(f"deb http://deb.debian.org/debian {suite}-backports main\n")
    seen = ["-o", f"Dir::Etc::sourcelist={listed}"]
    alone = [*seen, "-o", "Dir::Etc::sourceparts=-", "-o", "APT::Get::List-Cleanup=0"]
    subprocess.run(["apt-get", "update", "-qq", *alone], check=True)
    return [*seen, "-t", f"{suite}-backports"]


def install(packages: list[str], sources: list[str] | None = None) -> None:
    subprocess.run(
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *(sources or []), *packages],
        check=True,
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        stdout=subprocess.DEVNULL,
    )


if __name__ == "__main__":
    main()
