"""What a training may change, kept aside and put back."""
