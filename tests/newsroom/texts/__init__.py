"""The written material of the newsroom and the way articles are composed from it."""
