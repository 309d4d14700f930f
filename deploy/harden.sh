#!/bin/sh
# Puts the usual guards in front of Linbao on Debian 12 or 13: nginx (TLS, limits, headers), nftables, fail2ban on
# Linbao's security log, Suricata, log rotation and shipping, and a report of them to Linbao each minute. Safe to run
# again: what is as it should be stays.
#
#   deploy/harden.sh --name linbao.example.cn [--dry-run] [--data DIR] [--user USER] [--ssh PORT] [--interface IF]
#                    [--ship HOST] [--clamav]
#
#   --dry-run   say what would be done, change nothing
#   --root DIR  write the files below DIR only; no packages, no services (for images and for the tests)
set -eu

here=$(cd "$(dirname "$0")" && pwd)
name=localhost data=/var/lib/linbao user=linbao ssh=22 outer='' ship='' root='' dry='' clamav=''
while [ $# -gt 0 ]; do
    case $1 in
        --name) name=$2; shift ;;
        --data) data=$2; shift ;;
        --user) user=$2; shift ;;
        --ssh) ssh=$2; shift ;;
        --interface) outer=$2; shift ;;
        --ship) ship=$2; shift ;;
        --root) root=$2; shift ;;
        --dry-run) dry=1 ;;
        --clamav) clamav=1 ;;
        *) sed -n '2,11s/^# \{0,1\}//p' "$0"; exit 2 ;;
    esac
    shift
done
# Suricata listens where the way out is; at one that is not there it would not start.
[ -n "$outer" ] || outer=$(ip -o route show default 2> /dev/null | sed -n 's/.* dev \([^ ]*\).*/\1/p' | head -n 1)
[ -n "$outer" ] || outer=eth0
# What goes into configuration files must be a plain word.
for word in "$name" "$data" "$user" "$ssh" "$outer" "$ship"; do
    case $word in *[!A-Za-z0-9._:/-]*) echo "not a plain word: $word" >&2; exit 2 ;; esac
done

say() { printf '%s\n' "$*"; }
run() { if [ -n "$dry" ]; then say "would run: $*"; else "$@"; fi; }

put() { # put FROM TO MODE: fill in the names, write only what differs
    filled=$(mktemp)
    sed -e "s|@NAME@|$name|g" -e "s|@DATA@|$data|g" -e "s|@USER@|$user|g" -e "s|@SSH@|$ssh|g" -e "s|@SHIP@|$ship|g" "$here/$1" > "$filled"
    if cmp -s "$filled" "$root$2"; then
        say "unchanged: $2"
    elif [ -n "$dry" ]; then
        say "would write: $2"
    else
        if [ -e "$root$2" ] && [ ! -e "$root$2.before-linbao" ]; then cp -p "$root$2" "$root$2.before-linbao"; fi
        install -D -m "$3" "$filled" "$root$2"
        say "written: $2"
    fi
    rm -f "$filled"
}

line() { # line FILE PATTERN SED WORDS: change FILE by SED unless PATTERN is there
    if [ ! -e "$root$1" ]; then say "left out, not there: $1"; return; fi
    if grep -q -- "$2" "$root$1"; then say "unchanged: $1 ($4)"; return; fi
    if [ -n "$dry" ]; then say "would change: $1 ($4)"; else sed -i "$3" "$root$1"; say "changed: $1 ($4)"; fi
}

if [ -z "$root" ]; then
    if [ -z "$dry" ] && [ "$(id -u)" != 0 ]; then say "run it as root, or with --dry-run" >&2; exit 1; fi
    command -v apt-get > /dev/null || { say "this needs Debian" >&2; exit 1; }
    run apt-get update -qq
    # Debian 12 has Suricata, and a newer library that it asks for, in its backports.
    backports=/etc/apt/sources.list.d/linbao-backports.list from=''
    if [ -e "$backports" ] || ! apt-cache policy suricata 2> /dev/null | grep -q 'Candidate: [0-9]'; then
        from=$(. /etc/os-release && echo "$VERSION_CODENAME-backports")
        if [ -n "$dry" ]; then
            say "would write: $backports"
        else
            echo "deb http://deb.debian.org/debian $from main" > "$backports"
            apt-get update -qq
        fi
    fi
    get() { run env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"; }
    # shellcheck disable=SC2086
    get nginx openssl nftables fail2ban python3-systemd logrotate ${ship:+rsyslog rsyslog-gnutls ca-certificates} ${clamav:+clamav-daemon clamav-freshclam}
    get ${from:+-t "$from"} suricata
fi

put nginx.conf /etc/nginx/conf.d/linbao.conf 644
put nftables.nft /etc/nftables.d/linbao.nft 644
put fail2ban/filter.conf /etc/fail2ban/filter.d/linbao.conf 644
put fail2ban/jail.conf /etc/fail2ban/jail.d/linbao.conf 644
put suricata/linbao.rules /etc/suricata/rules/linbao.rules 644
put logrotate.conf /etc/logrotate.d/linbao 644
put host_report.py /usr/local/lib/linbao/host_report.py 755
put linbao-host.service /etc/systemd/system/linbao-host.service 644
put linbao-host.timer /etc/systemd/system/linbao-host.timer 644
[ -z "$ship" ] || put rsyslog.conf /etc/rsyslog.d/60-linbao.conf 644
line /etc/nftables.conf 'nftables.d' '$a include "/etc/nftables.d/*.nft"' 'includes linbao.nft'
line /etc/suricata/suricata.yaml 'linbao.rules' '/^rule-files:/a\  - /etc/suricata/rules/linbao.rules' 'our rules'
line /etc/suricata/suricata.yaml 'cluster-id: 98' '/^af-packet:/a\  - interface: lo\n    cluster-id: 98\n    cluster-type: cluster_flow\n    checksum-checks: no' 'reads the loopback'
line /etc/suricata/suricata.yaml "^  - interface: $outer\$" "/^af-packet:/,/^[a-z-]*:/s/^  - interface: eth0\$/  - interface: $outer/" "listens at $outer"

# fail2ban needs the log to be there, nginx a certificate, Suricata the file into which suricata-update puts others' rules.
if [ -n "$dry" ]; then
    say "would make sure of: $data/log/security.log, $data/host, /etc/ssl/linbao.pem, /var/lib/suricata/rules/suricata.rules"
else
    if [ ! -e "$root/var/lib/suricata/rules/suricata.rules" ]; then
        install -D -m 644 /dev/null "$root/var/lib/suricata/rules/suricata.rules"
    fi
    if [ ! -e "$root$data/log/security.log" ]; then
        install -d -m 750 "$root$data/log"
        : >> "$root$data/log/security.log"
        chmod 640 "$root$data/log/security.log"
        if [ -z "$root" ] && id "$user" > /dev/null 2>&1; then chown -R "$user:adm" "$data/log"; fi
    fi
    # Root's own folder, so that Linbao's user can neither write the report nor lead it elsewhere; it may read it.
    install -d -m 750 "$root$data/host"
    if [ -z "$root" ] && id "$user" > /dev/null 2>&1; then chgrp "$user" "$data/host"; fi
    if [ ! -e "$root/etc/ssl/linbao.pem" ]; then
        install -d -m 755 "$root/etc/ssl"
        install -d -m 710 "$root/etc/ssl/private"
        openssl req -x509 -newkey rsa:2048 -nodes -days 90 -subj "/CN=$name" -addext "subjectAltName=DNS:$name" \
            -keyout "$root/etc/ssl/private/linbao.key" -out "$root/etc/ssl/linbao.pem" 2> /dev/null
        chmod 600 "$root/etc/ssl/private/linbao.key"
        say "written: /etc/ssl/linbao.pem, signed by itself, for 90 days: put a real certificate there"
    fi
fi
[ -z "$root" ] || exit 0

# Everything is checked before anything is loaded anew: a mistake leaves the running guards as they are.
run nginx -t -q
run nft -c -f /etc/nftables.d/linbao.nft
run fail2ban-client -t
run suricata -T -c /etc/suricata/suricata.yaml
[ -z "$ship" ] || run rsyslogd -N1
if [ -n "$dry" ] || [ -d /run/systemd/system ]; then
    run systemctl daemon-reload
    run systemctl enable -q nginx nftables fail2ban suricata
    run nft -f /etc/nftables.d/linbao.nft
    run systemctl reload-or-restart nginx
    run systemctl restart fail2ban suricata ${ship:+rsyslog}
    # Where there is no such user here, Linbao runs in a container or elsewhere: see docs/security.md.
    if [ -n "$dry" ] || id "$user" > /dev/null 2>&1; then run systemctl enable -q --now linbao-host.timer; fi
    [ -z "$clamav" ] || run systemctl enable -q --now clamav-freshclam clamav-daemon
    for guard in nginx fail2ban suricata ${ship:+rsyslog}; do
        run systemctl is-active -q "$guard" || { say "it does not run: journalctl -u $guard" >&2; exit 1; }
    done
else
    say "no systemd here: start nginx, nft -f /etc/nftables.d/linbao.nft, fail2ban-server and suricata yourself, and host_report.py each minute"
fi
say "done. Linbao's settings: LINBAO_BASE_URL=https://$name LINBAO_TRUSTED_PROXIES=127.0.0.1 LINBAO_DATA_DIR=$data${clamav:+ LINBAO_CLAMD=unix:/run/clamav/clamd.ctl}"
