"""Reports: figures of bookings and open time, kept up by events."""
