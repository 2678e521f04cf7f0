"""The page a person sees first: static files that talk to the control plane over HTTP."""
