"""Do the patterns named of a training agree with what a person sees in its picture?"""
