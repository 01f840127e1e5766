"""What the fake says on the wire, in each of LM Studio's forms."""
