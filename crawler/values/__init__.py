"""Pure string -> value: addresses, times, counts, text, header lines. No clock, no network, no other package."""
