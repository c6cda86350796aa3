"""Programs that compute a network and its gradients: the delta form, for arrays of many sequences at once."""
