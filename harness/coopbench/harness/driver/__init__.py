"""The generated, trusted driver of kernels and the shared-memory arena it runs on."""
