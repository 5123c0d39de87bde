"""Would a prior learnt from earlier cases place the rate better than the rule does?"""
