import { createRoot } from 'react-dom/client';
import { App } from './app/App';
import { startTheme } from './app/theme';
import { resume } from './auth/session';
import { loadLanguage } from './i18n';
import { preferredLanguage } from './i18n/language';
import { loadConfig } from './lib/config';
import './styles/index.css';

const retryMs = 3_000;

async function start(): Promise<void> {
  startTheme();
  await Promise.all([loadConfig(), loadLanguage(preferredLanguage())]);
  const root = document.getElementById('root');
  if (root) createRoot(root).render(<App />);
  await resume();
}

// What hosts the console may itself be away for a moment.
start().catch(() => setTimeout(() => location.reload(), retryMs));
