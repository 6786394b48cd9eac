"""Run code that a model wrote: policy, backends, RPC, output sanitiser."""
