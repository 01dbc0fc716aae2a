"""The office: where a centre is set up and kept, without reading a manual."""
