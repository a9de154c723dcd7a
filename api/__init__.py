"""HTTP, pages, playback.  Comes with "Ask and approve"; knows custody and evidence only."""
