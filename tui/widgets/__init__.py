"""What the screens are put together from: own widgets, drawn line by line, without markup."""
