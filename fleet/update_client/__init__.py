"""The settings of the Windows Update client: what they are, what they mean, and how they are changed and put back."""
