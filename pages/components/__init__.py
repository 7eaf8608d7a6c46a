"""What the pages share: their frame, the canvas, charts and pictures."""
