/**
 * Writes src/report/growth.json: how the walk grows with the number of Services. It depends on no capture and takes
 * longer than all of a build besides; a test keeps file and computation the same.
 */
import { writeFileSync } from 'node:fs';
import { walkGrowth } from '../src/netfilter/growth.ts';

writeFileSync('src/report/growth.json', `${JSON.stringify(walkGrowth([1, 10, 100, 1000, 5000]), null, 2)}\n`);
