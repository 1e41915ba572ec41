"""The commands of `slotstream`, one module for each subject."""
