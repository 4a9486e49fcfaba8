"""Small tools that know nothing of samplers: seeds, threads, warnings, npz without trust."""
