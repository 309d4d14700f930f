"""How passwords are hashed (6.1.3): slow for whoever guesses, not for the machine that checks."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from django.contrib.auth.hashers import Argon2PasswordHasher

AT_ONCE = 2  # hashes that one process makes at the same time; others wait their turn

# Threads of their own: the allocator keeps 19 MiB for every thread that ever made a hash.
_threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="passwords")


class PasswordHasher(Argon2PasswordHasher):
    """Argon2id with OWASP's parameters (Password Storage Cheat Sheet): 19 MiB, two passes, one lane.

    A hash with other parameters is renewed when its owner signs in next. `AT_ONCE` bounds the memory that a crowd of
    sign-ins takes, whatever the number of requests.
    """

    time_cost = 2
    memory_cost = 19_456  # KiB
    parallelism = 1

    def encode(self, password: str, salt: str) -> str:
        return str(_threads.submit(super().encode, password, salt).result())

    def verify(self, password: str, encoded: str) -> bool:
        return bool(_threads.submit(super().verify, password, encoded).result())
