import { memoryFiles, PowerCut, reboot } from '@terok/sandbox/testing';
import { describe, expect, test } from 'vitest';
import { memoryWorld, projectFile } from '../testing/memory-world.ts';
import { projectDerive, projectEdit } from './project-change.ts';
import { listProjects, loadProject } from './projects.ts';

const written = `# mine
repository: /repositories/demo # the real one
limits:
  memory: 2g # it is small
run:
  agent: claude
`;
const worldWith = (text = written) => memoryWorld({ files: memoryFiles({ [projectFile]: text }) });
const derivedFile = '/config/projects/copy/project.yml';

describe('editing a project', () => {
  test('changes some keys and leaves all else as it was written', async () => {
    const { ctx, files } = await worldWith();
    const project = await projectEdit(ctx, 'demo', {
      changes: [
        { path: ['limits', 'memory'], value: '8g' },
        { path: ['run', 'agent'], value: null },
        { path: ['branch'], value: 'main' },
      ],
    });
    expect(project).toMatchObject({ branch: 'main', agent: 'shell', limits: { memory: '8g' } });
    expect(files.text(projectFile)).toBe(
      '# mine\nrepository: /repositories/demo # the real one\nlimits:\n  memory: 8g # it is small\nrun: {}\nbranch: main\n',
    );
  });

  test('takes a whole new text made from the one that is there', async () => {
    const { ctx, files } = await worldWith();
    const text = written.replace('claude', 'codex');
    expect(await projectEdit(ctx, 'demo', { text, was: written })).toMatchObject({ agent: 'codex' });
    expect(files.text(projectFile)).toBe(text);
  });

  test('overwrites nothing that somebody else changed meanwhile', async () => {
    const { ctx, files } = await worldWith();
    const edit = { text: 'repository: /other\n', was: 'repository: /before\n' };
    await expect(projectEdit(ctx, 'demo', edit)).rejects.toMatchObject({ code: 'PROJECT_CHANGED' });
    expect(files.text(projectFile)).toBe(written);
  });

  test('writes nothing that could not be read again, and names every place with the nearest known key', async () => {
    const { ctx, files } = await worldWith();
    const text = 'repository: /r\nnetwrok:\n  mode: open\nlimits:\n  memory: 4 gigs\n';
    await expect(projectEdit(ctx, 'demo', { text, was: written })).rejects.toMatchObject({
      code: 'PROJECT_INVALID',
      message: expect.stringMatching(/project\.yml:5:3 .*project\.yml:2:1 .*Did you mean `network`/s) as string,
    });
    expect(files.text(projectFile)).toBe(written);
  });

  test('mends a broken one', async () => {
    const broken = 'repository: [\n';
    const { ctx } = await worldWith(broken);
    await expect(loadProject(ctx, 'demo')).rejects.toMatchObject({ code: 'PROJECT_INVALID' });
    expect(await projectEdit(ctx, 'demo', { text: written, was: broken })).toMatchObject({ repository: '/repositories/demo' });
  });

  test('mends one that is no text', async () => {
    const { ctx, files } = await worldWith();
    const broken = Uint8Array.of(0xff, 0xfe, 0x0a);
    await files.replace(projectFile, broken);
    await expect(projectEdit(ctx, 'demo', { text: written, was: Uint8Array.of(0xff) })).rejects.toMatchObject({ code: 'PROJECT_CHANGED' });
    expect(await projectEdit(ctx, 'demo', { text: written, was: broken })).toMatchObject({ repository: '/repositories/demo' });
    expect(files.text(projectFile)).toBe(written);
  });

  test('that changes nothing writes nothing', async () => {
    const { ctx, files } = await worldWith();
    await projectEdit(ctx, 'demo', { text: written, was: written });
    const { modifiedAt } = (await files.stat(projectFile))!;
    await projectEdit(ctx, 'demo', { changes: [{ path: ['limits', 'memory'], value: '2g' }] });
    expect((await files.stat(projectFile))?.modifiedAt).toBe(modifiedAt);
    expect(files.text(projectFile)).toBe(written);
  });

  test('is the old text or the new one, wherever the power is cut', async () => {
    const { ctx, files } = await worldWith();
    const edit = { text: 'repository: /new\n', was: written };
    const uncut = memoryFiles(files);
    await projectEdit({ ...ctx, files: uncut }, 'demo', edit);
    expect(uncut.steps()).toBeGreaterThan(5);
    for (let cutAt = 0; cutAt < uncut.steps(); cutAt++) {
      const disk = memoryFiles(files, { cutAt });
      await expect(projectEdit({ ...ctx, files: disk }, 'demo', edit)).rejects.toThrow(PowerCut);
      expect([written, edit.text]).toContain(reboot(disk).text(projectFile));
    }
  });
});

describe('deriving a project', () => {
  test('copies the file, comments and all, and changes what is asked for', async () => {
    const { ctx, files } = await worldWith();
    const project = await projectDerive(ctx, 'demo', 'copy', [{ path: ['network', 'mode'], value: 'open' }]);
    expect(project).toMatchObject({ id: 'copy', network: 'open', agent: 'claude', file: derivedFile });
    expect(files.text(derivedFile)).toBe(`${written}network:\n  mode: open\n`);
    expect(files.text(projectFile)).toBe(written);
    await projectDerive(ctx, 'copy', 'again');
    expect((await listProjects(ctx)).map(({ id }) => id)).toEqual(['again', 'copy', 'demo']);
  });

  test.each([
    ['demo', '../x', 'PROJECT_NAME_INVALID'],
    ['demo', 'Demo', 'PROJECT_NAME_INVALID'],
    ['demo', 'demo', 'PROJECT_EXISTS'],
    ['other', 'copy', 'PROJECT_UNKNOWN'],
    ['../demo', 'copy', 'PROJECT_NAME_INVALID'],
  ])('case 185: of %s as %s is refused with %s, and nothing is made', async (source, target, code) => {
    const { ctx, files } = await worldWith();
    await expect(projectDerive(ctx, source, target)).rejects.toMatchObject({ code });
    expect(files.paths()).toEqual([projectFile]);
  });

  test('of a broken one, or into one that would be, is refused, and nothing is made', async () => {
    const broken = await worldWith('repository: /r\nbase: x\n');
    await expect(projectDerive(broken.ctx, 'demo', 'copy')).rejects.toMatchObject({ code: 'PROJECT_INVALID' });
    const { ctx, files } = await worldWith();
    const changes = [{ path: ['network', 'mode'], value: 'opne' }] as const;
    await expect(projectDerive(ctx, 'demo', 'copy', changes)).rejects.toMatchObject({ code: 'PROJECT_INVALID' });
    expect([...broken.files.paths(), ...files.paths()]).toEqual([projectFile, projectFile]);
    expect(await files.stat('/config/projects/copy')).toBeNull();
  });
});
