#!/bin/sh
cd /home/somebody/jacquard
cd build/home/x
echo https://example.org/home/x /usr/share/doc
