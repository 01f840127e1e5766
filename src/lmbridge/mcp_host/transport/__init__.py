"""How servers are reached: their processes and pipes, HTTP and its sessions, and logging in."""
