"""Why a training does not converge: the stored studies of notebook 07 and the docs."""
