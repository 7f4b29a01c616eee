#!/usr/bin/env node
/** The command. Loads the tool only when it is run, so that reading this file does nothing. */
void import('./run-process.ts').then(({ runProcess }) => runProcess())
