"""How a request is sent: throttle, address guard, download handler, recording of the transferred bytes."""
