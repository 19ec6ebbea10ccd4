import process from 'node:process';
import { expect, test } from 'vitest';
import { runsInBuild } from './build-programs.ts';
import { nodeBuildPrograms } from './node-build-programs.ts';

const folder = '/home/me/state/images/building/f8f72584-1fa1-4fa9-8d2a-797d9e781c29';
const otherFolder = '/home/me/state/images/building/a8d40f2e-cdd3-4361-94e7-74bd747608f9';

/** As the kernel wrote it of a `RUN` line of podman 4.3.1, with fewer lines; /home is a file system of its own here. */
const inBuild = [
  '104 103 0:54 / / rw,relatime - overlay overlay rw,lowerdir=/storage/overlay/l/X,upperdir=/storage/overlay/y/diff',
  '108 104 254:0 /me/state/images/building/f8f72584-1fa1-4fa9-8d2a-797d9e781c29/buildah39/resolv.conf /etc/resolv.conf rw,relatime - ext4 /dev/vda rw',
  '109 104 254:0 /me/state/images/building/f8f72584-1fa1-4fa9-8d2a-797d9e781c29/buildah39/run/.containerenv /run/.containerenv rw - ext4 /dev/vda rw',
  '',
].join('\n');

test('a program in the container of a build sees files from the folder of that build, and of no other', () => {
  expect(runsInBuild(inBuild, [folder])).toBe(true);
  expect(runsInBuild(inBuild, [otherFolder, folder])).toBe(true);
  expect(runsInBuild(inBuild, [otherFolder])).toBe(false);
  expect(runsInBuild(inBuild, [])).toBe(false);
});

test.each([
  [
    'where a person has mounted the folder of a build',
    inBuild.replaceAll(' /etc/resolv.conf', ' /mnt/x').replaceAll(' /run/.containerenv', ' /mnt/y'),
  ],
  ['in the container of a task', '108 104 0:25 /containers/abc/userdata/resolv.conf /etc/resolv.conf rw,relatime - tmpfs tmpfs rw'],
  ['on the host', '25 1 254:0 / / rw,relatime - ext4 /dev/vda rw'],
  ['that has ended', ''],
])('a program %s is none of a build', (_, mountInfo) => {
  expect(runsInBuild(mountInfo, [folder])).toBe(false);
});

test('nothing is found, and nothing ended, where no build has been', async () => {
  expect(await nodeBuildPrograms.running([])).toEqual([]);
  expect(await nodeBuildPrograms.running([folder])).toEqual([]);
  expect(await nodeBuildPrograms.end(process.pid, [folder])).toBeNull();
});
