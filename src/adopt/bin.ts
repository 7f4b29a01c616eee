#!/usr/bin/env node
void import('./cli.ts').then(({ runProcess }) => runProcess())
