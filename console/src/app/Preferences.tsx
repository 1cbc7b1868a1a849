import { language, t } from '../i18n';
import { chooseLanguage, type Language, languages } from '../i18n/language';
import { Picker } from '../ui/Picker';
import { chooseTheme, type Theme, theme } from './theme';

/** The language and the appearance, kept on this device. */
export function Preferences() {
  const chosenTheme = theme.use();
  const names = Object.entries(languages).map(([id, each]) => ({ id, name: each.name }));
  const themes = [
    { id: 'system', name: t.shell.themeSystem },
    { id: 'light', name: t.shell.themeLight },
    { id: 'dark', name: t.shell.themeDark },
  ];
  return (
    <div className="preferences">
      <Picker label={t.shell.language} choices={names} value={language} onChange={(id) => chooseLanguage(id as Language)} />
      <Picker label={t.shell.theme} choices={themes} value={chosenTheme} onChange={(id) => chooseTheme(id as Theme)} />
    </div>
  );
}
