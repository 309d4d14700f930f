"""Cases: evidence, defence, decision, appeal, measures (7.2)."""
