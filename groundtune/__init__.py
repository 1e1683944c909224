"""Command line, project folder and provisioning: the only place that wires the rooms together."""
