"""The components of the design system, a module for each kind; templates load them all by `{% load linbao %}`."""
