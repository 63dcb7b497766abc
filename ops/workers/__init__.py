"""Worker processes: the machines of one scan shared out over several cores, with the results of one process."""
