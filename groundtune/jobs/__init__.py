"""What groundtune does, one module a job: typed values in and out, no console. Interfaces call these and nothing else."""
