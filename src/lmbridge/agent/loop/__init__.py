"""The loop: rounds of replies and calls, judged, bounded, and told as facts."""
