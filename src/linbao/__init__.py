"""邻报: community information reporting, from the stairwell to the closed loop."""

__version__ = "0.1.0"
