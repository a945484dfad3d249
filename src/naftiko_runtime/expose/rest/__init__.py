"""REST: requests to arguments, outcomes to responses, and the pages around them."""
