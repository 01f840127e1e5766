"""Servers kept running: started, leased, called, restarted, closed."""
