"""The upstream seam and the clients behind it."""
