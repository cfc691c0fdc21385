"""The learned trainability predictor: an interval, or a word on why it abstains."""
