"""A llama.cpp server of lmbridge's own, for machines without LM Studio: a wheel, a child process, a GGUF file."""
