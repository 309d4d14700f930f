"""Layout, navigation, Today, components, phone app, demo."""
