namespace Titanic.Web.Hosting;

/// <summary>What happens before there is a database to write progress into.</summary>
public sealed class StartupProgress
{
    private volatile string _step = "Starting";

    public string Step
    {
        get => _step;
        set => _step = value;
    }
}
