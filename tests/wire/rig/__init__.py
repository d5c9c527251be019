"""What the wire-level rehearsal is made of: processes, one clock, the deployed stacks, and eyes that are not ours."""
