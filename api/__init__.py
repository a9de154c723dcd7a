"""HTTP, pages and playback. Comes with the issue "Ask and approve"; knows custody and evidence only."""
