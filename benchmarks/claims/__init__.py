"""The ledger of claims: what tutorials repeat about losses, each put to an experiment."""
