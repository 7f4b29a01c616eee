#!/usr/bin/env node
void import('./run-process.ts').then(({ runProcess }) => runProcess())
