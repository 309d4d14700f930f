"""What knows Django but no area of the regulation: server, queue, encryption, backup, protection, observability."""
