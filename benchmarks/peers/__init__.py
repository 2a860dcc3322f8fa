"""Other tools on the same press: each from its published package, in an environment of its own, politeness off."""
