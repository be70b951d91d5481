using System.CommandLine;

namespace Titanic.Web.Hosting;

public sealed partial class CommandLine
{
    private Command Reproduce()
    {
        var version = new Argument<string>("version") { Description = "A version's number, or an alias such as champion." };
        var reproduce = new Command(
            "reproduce", "Make a registered version again from its training dataset, and hold rows, bytes and figures against what is stored; exit code 0 only if they are identical.") { version };
        reproduce.SetAction((parsed, cancellation) => Verbs.Reproduce(_app!, parsed.GetRequiredValue(version), cancellation));
        return reproduce;
    }
}
