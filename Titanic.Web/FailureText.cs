using System.ComponentModel;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Titanic.Web;

/// <summary>
/// The sentences about failures whose exceptions .NET or a library throws: their own texts are written to the log only, never shown.
/// </summary>
internal static class FailureText
{
    /// <summary>The message of an exception of this program; for any other exception a sentence of this class.</summary>
    public static string Describe(Exception failure) => failure switch
    {
        _ when failure.GetType().Assembly == typeof(FailureText).Assembly => failure.Message,
        // The base class adds the name of the parameter, and the value on a second line.
        ArgumentException argument => argument.Message.Split('\n')[0].Replace($" (Parameter '{argument.ParamName}')", "", StringComparison.Ordinal),
        NpgsqlException database => OfDatabase(database),
        IOException { InnerException: AddressInUseException } => failure.Message, // of ListenAddress
        IOException or UnauthorizedAccessException => $"A file cannot be read or written: {OfFile(failure)}.",
        { InnerException: NpgsqlException database } => OfDatabase(database), // wrapped by Entity Framework
        OptionsValidationException or InvalidDataException or InvalidOperationException => failure.Message,
        _ => $"An unexpected error occurred ({failure.GetType().Name}); the log has the details.",
    };

    /// <summary>Why a file cannot be read or written, as the end of a sentence.</summary>
    public static string OfFile(Exception failure) => failure switch
    {
        FileNotFoundException => "it does not exist",
        DirectoryNotFoundException => "its directory does not exist",
        UnauthorizedAccessException => $"the user {Environment.UserName} is not allowed to access it",
        PathTooLongException or ArgumentException => "its path is not valid",
        Win32Exception system => $"the operating system reports error {system.NativeErrorCode}",
        _ => $"the operating system reports an input or output error ({failure.HResult:X8})",
    };

    /// <summary>Why a server cannot be reached, as the end of a sentence.</summary>
    public static string OfNetwork(Exception failure) => failure switch
    {
        HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } => "its host name cannot be resolved",
        HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError } => "it does not accept the connection",
        HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } => "its TLS connection cannot be established",
        OperationCanceledException => "it did not respond in time",
        _ => "the connection ended",
    };

    private static string OfDatabase(NpgsqlException failure) => failure.SqlState switch
    {
        null => "The database server does not respond. Check that it is running, and the host and port of ConnectionStrings:Titanic.",
        PostgresErrorCodes.CannotConnectNow or PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown =>
            "The database server is starting or stopping.",
        PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification =>
            "The database server rejects the user or the password. Check ConnectionStrings:Titanic.",
        PostgresErrorCodes.InvalidCatalogName => "The database does not exist. Check ConnectionStrings:Titanic, or create it with create-database.",
        PostgresErrorCodes.InsufficientPrivilege => "The database user has too few rights. Check the user of ConnectionStrings:Titanic.",
        var state => $"The database rejects a statement (SQLSTATE {state}); the log has the details.",
    };
}
