"""What entrants that use models were allowed, what they spent and where their answers came from."""
